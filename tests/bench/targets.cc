#include "tests/bench/targets.h"

#include <utility>

#include "grpcpp/support/channel_arguments.h"

namespace budget::bench {
namespace {

constexpr int kAnswerBytesMax = 64 << 20;

}  // namespace

absl::StatusOr<std::vector<std::shared_ptr<grpc::Channel>>> Connect(
    absl::Span<const Target> targets, int each) {
  grpc::ChannelArguments arguments;
  // Channels with equal arguments would share one connection.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(kAnswerBytesMax);
  std::vector<ChannelOpener> openers;
  for (const Target& target : targets) {
    auto opener = ChannelOpener::Make(target.security);
    if (!opener.ok()) return opener.status();
    openers.push_back(*std::move(opener));
  }
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (int i = 0; i < each; ++i) {
    for (size_t t = 0; t < targets.size(); ++t) {
      auto channel = openers[t].Open(targets[t].endpoint, arguments);
      if (!channel.ok()) return channel.status();
      channels.push_back(*std::move(channel));
    }
  }
  return channels;
}

}  // namespace budget::bench
