#ifndef BUDGET_TESTS_METRICS_SCRAPE_H_
#define BUDGET_TESTS_METRICS_SCRAPE_H_

#include <map>
#include <string>

namespace budget::testing {

struct HttpAnswer {
  int status = 0;  // 0: nobody answered
  std::string head;
  std::string body;
};

// Sends `request` to a loopback port as it is and reads until the other side
// closes.
HttpAnswer SendHttp(int port, const std::string& request);

// GET of a path.
HttpAnswer Get(int port, const std::string& path);

// Metrics as Prometheus reads them: values by name with labels, as written,
// "budget_shed_total{reason=\"queue\"}".
class Scrape {
 public:
  explicit Scrape(const std::string& text);

  // 0 for what is not there.
  double operator[](const std::string& series) const;
  bool Has(const std::string& series) const;

  const std::map<std::string, double>& series() const { return series_; }

 private:
  std::map<std::string, double> series_;
};

}  // namespace budget::testing

#endif  // BUDGET_TESTS_METRICS_SCRAPE_H_
