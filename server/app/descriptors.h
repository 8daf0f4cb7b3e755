#ifndef BUDGET_APP_DESCRIPTORS_H_
#define BUDGET_APP_DESCRIPTORS_H_

namespace budget {

// Raises the number of files that this process may have open, as far as it may
// and `connections` of clients need. How many of those fit: files, connections
// to the database and the metrics have theirs set aside. Before clients are
// served.
int ConnectionsThatFit(int connections);

}  // namespace budget

#endif  // BUDGET_APP_DESCRIPTORS_H_
