# find_package(BudgetAuthority) gives BudgetAuthority::client.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(BUDGET_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/BudgetAuthority)

install(TARGETS budget_proto budget_client EXPORT BudgetAuthorityTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT client)
install(EXPORT BudgetAuthorityTargets NAMESPACE BudgetAuthority::
  DESTINATION ${BUDGET_CMAKE_DIR} COMPONENT client)
install(DIRECTORY include/budget TYPE INCLUDE COMPONENT client)
install(DIRECTORY ${PROJECT_BINARY_DIR}/proto/generated/budget
    ${PROJECT_BINARY_DIR}/proto/generated/google
  TYPE INCLUDE COMPONENT client FILES_MATCHING PATTERN "*.h")
install(DIRECTORY ${PROJECT_SOURCE_DIR}/proto/budget
    ${PROJECT_SOURCE_DIR}/proto/google
  DESTINATION ${CMAKE_INSTALL_DATADIR}/budget/proto COMPONENT client
  FILES_MATCHING PATTERN "*.proto")

configure_package_config_file(BudgetAuthorityConfig.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/BudgetAuthorityConfig.cmake
  INSTALL_DESTINATION ${BUDGET_CMAKE_DIR})
write_basic_package_version_file(
  ${CMAKE_CURRENT_BINARY_DIR}/BudgetAuthorityConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
    ${CMAKE_CURRENT_BINARY_DIR}/BudgetAuthorityConfig.cmake
    ${CMAKE_CURRENT_BINARY_DIR}/BudgetAuthorityConfigVersion.cmake
  DESTINATION ${BUDGET_CMAKE_DIR} COMPONENT client)
