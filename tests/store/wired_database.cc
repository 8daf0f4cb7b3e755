#include "tests/store/wired_database.h"

#include <utility>

namespace budget::testing {
namespace {

// The part of `uri` after `key`, up to the next parameter.
std::string Parameter(const std::string& uri, const std::string& key) {
  const size_t begin = uri.find(key) + key.size();
  return uri.substr(begin, uri.find('&', begin) - begin);
}

}  // namespace

WiredDatabase::WiredDatabase(std::string uri) : uri_(std::move(uri)) {
  const std::string server = Parameter(uri_, "host=");
  proxy_ = wire::Proxy::Start(directory_.path(), server + "/.s.PGSQL.5432")
               .value();
  uri_.replace(uri_.find(server), server.size(), directory_.path());
}

}  // namespace budget::testing
