# What a server is installed with:
#   cmake --install build/release --component server --prefix DIR
# budgetd and budgetctl say so themselves. The package is made of the same.
include(GNUInstallDirs)
set(BUDGET_SHARE ${CMAKE_INSTALL_DATADIR}/budgetd)

install(DIRECTORY sql/migrations DESTINATION ${BUDGET_SHARE}/sql
  COMPONENT server)
install(FILES sql/grants.sql sql/roles.sql sql/schema.sql
  DESTINATION ${BUDGET_SHARE}/sql COMPONENT server)
install(FILES deploy/pgbackrest.conf DESTINATION ${BUDGET_SHARE}
  COMPONENT server)
install(PROGRAMS deploy/backup deploy/checkpoint deploy/restore
  DESTINATION ${BUDGET_SHARE} COMPONENT server)
install(FILES deploy/prometheus/alerts.yml
  DESTINATION ${BUDGET_SHARE}/prometheus COMPONENT server)
install(FILES deploy/grafana/dashboard.json
  DESTINATION ${BUDGET_SHARE}/grafana COMPONENT server)
install(FILES README.md server/DECISIONS.md deploy/failover.md
  deploy/metrics.md deploy/runbook.md
  DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/budgetd COMPONENT server)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/budgetd
  RENAME copyright COMPONENT server)
install(CODE "set(BUDGET_SYSTEMD \"${PROJECT_SOURCE_DIR}/deploy/systemd\")
  set(BUDGET_MADE \"${PROJECT_BINARY_DIR}\")"
  COMPONENT server)
install(SCRIPT deploy/install_service.cmake COMPONENT server)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME budgetd)
set(CPACK_PACKAGE_CONTACT "The operators of this installation <root@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Budget authority for AI gateways")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
  "A gRPC service that holds the budgets of AI gateways: they reserve an upper
 bound before a call to a model and settle afterwards what it cost. It keeps a
 ledger in PostgreSQL. budgetctl is the command line to it.")
set(CPACK_COMPONENTS_ALL server)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, tzdata")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "postgresql-15, pgbackrest")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA "")
foreach(file conffiles postinst prerm postrm)
  list(APPEND CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    ${PROJECT_SOURCE_DIR}/deploy/debian/${file})
endforeach()
include(CPack)
