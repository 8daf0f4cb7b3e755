// budgetctl: the budget authority from the command line.

#include <openssl/crypto.h>

#include <CLI/CLI.hpp>

#include "client/ctl/session.h"

int main(int argc, char** argv) {
  // gRPC reads certificates again every second, on a thread that may be late in
  // ending: what it uses of OpenSSL is not to be torn down before that.
  OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr);
  CLI::App app(
      "Holds, limits, balances and the ledger of the budget authority.\n"
      "Amounts: $12.50, 1.5M tokens, 20 requests. Limits: NAME:UNIT=CAP/WINDOW,\n"
      "such as month:usd=$1000/month@Europe/Berlin or burst:usd=$5/rolling:5h.\n"
      "Exit codes: 0 done, 1 error, 2 wrong usage, 3 denied by a budget,\n"
      "4 unavailable, 5 verify found discrepancies, 6 doctor found problems.",
      "budgetctl");
  budget::Session session;
  session.AddFlags(app);
  app.require_subcommand(1);
  budget::AddAllocationCommands(app, session);
  budget::AddLimitCommands(app, session);
  budget::AddBalanceCommands(app, session);
  budget::AddPriceCommands(app, session);
  budget::AddReservationCommands(app, session);
  budget::AddReadCommands(app, session);
  budget::AddAccessCommands(app, session);
  budget::AddOperatorCommands(app, session);
  budget::AddCheckpointCommands(app, session);
  budget::AddDoctorCommand(app, session);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? budget::kExitOk : budget::kExitUsage;
  }
  return session.exit_code();
}
