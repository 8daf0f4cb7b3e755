# Writes OUTPUT, a C++ source with the query in GRANTS, without what is for
# psql, and the migrations in INPUTS (separated by commas), which are named
# NNNN_name.sql, or NNNN_name.breaking.sql where binaries that do not know the
# migration must not run any more.
string(REPLACE "," ";" inputs "${INPUTS}")
set(entries "")
foreach(input IN LISTS inputs)
  get_filename_component(file "${input}" NAME)
  if(NOT file MATCHES "^0*([0-9]+)_([a-z0-9_]+)(\\.breaking)?\\.sql$")
    message(FATAL_ERROR "${file}: not named NNNN_name[.breaking].sql")
  endif()
  set(version "${CMAKE_MATCH_1}")
  set(name "${CMAKE_MATCH_2}")
  set(breaking false)
  if(CMAKE_MATCH_3)
    set(breaking true)
  endif()
  file(READ "${input}" sql)
  string(APPEND entries
    "    {${version}, \"${name}\", ${breaking}, R\"sql(${sql})sql\"},\n")
endforeach()
file(READ "${GRANTS}" grants)
string(REPLACE "\n\\gexec\n" "\n" grants "${grants}")
file(WRITE "${OUTPUT}.new" "#include \"server/store/postgres/migrations.h\"

namespace budget {

absl::Span<const Migration> Migrations() {
  static constexpr Migration kMigrations[] = {
${entries}  };
  return kMigrations;
}

const char* MissingGrants() {
  return R\"sql(${grants})sql\";
}

}  // namespace budget
")
file(COPY_FILE "${OUTPUT}.new" "${OUTPUT}" ONLY_IF_DIFFERENT)
