# Installs the systemd units and the settings. Under /usr, the settings go to /etc
# and the units are taken as they are; under any other prefix both stay below it,
# and the units name the paths there.
set(etc "${CMAKE_INSTALL_PREFIX}/etc")
set(moved TRUE)
if(CMAKE_INSTALL_PREFIX MATCHES "^(.*)/usr$")
  set(etc "${CMAKE_MATCH_1}/etc")
  set(moved FALSE)
endif()
foreach(name budgetd.service budget-checkpoint.service budget-checkpoint.timer)
  set(unit "${BUDGET_SYSTEMD}/${name}")
  if(moved)
    file(READ "${unit}" text)
    string(REPLACE "/usr/" "${CMAKE_INSTALL_PREFIX}/" text "${text}")
    string(REPLACE "/etc/budgetd/" "${etc}/budgetd/" text "${text}")
    set(unit "${BUDGET_MADE}/${name}")
    file(WRITE "${unit}" "${text}")
  endif()
  file(INSTALL "${unit}" DESTINATION
    "${CMAKE_INSTALL_PREFIX}/lib/systemd/system")
endforeach()
file(INSTALL "${BUDGET_SYSTEMD}/budgetd.env" DESTINATION "${etc}/budgetd")
