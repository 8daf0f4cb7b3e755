# Installs the systemd unit and its settings. Under /usr, the settings go to
# /etc and the unit is taken as it is; under any other prefix both stay below
# it, and the unit names the paths there.
set(etc "${CMAKE_INSTALL_PREFIX}/etc")
set(unit "${BUDGET_SYSTEMD}/budgetd.service")
if(CMAKE_INSTALL_PREFIX MATCHES "^(.*)/usr$")
  set(etc "${CMAKE_MATCH_1}/etc")
else()
  file(READ "${unit}" text)
  string(REPLACE "/usr/" "${CMAKE_INSTALL_PREFIX}/" text "${text}")
  string(REPLACE "/etc/budgetd/" "${etc}/budgetd/" text "${text}")
  set(unit "${BUDGET_MADE}/budgetd.service")
  file(WRITE "${unit}" "${text}")
endif()
file(INSTALL "${unit}" DESTINATION
  "${CMAKE_INSTALL_PREFIX}/lib/systemd/system")
file(INSTALL "${BUDGET_SYSTEMD}/budgetd.env" DESTINATION "${etc}/budgetd")
