#include "tests/bench/targets.h"

#include "grpcpp/create_channel.h"
#include "grpcpp/support/channel_arguments.h"

namespace budget::bench {
namespace {

constexpr int kAnswerBytesMax = 64 << 20;

}  // namespace

std::vector<std::shared_ptr<grpc::Channel>> Connect(
    absl::Span<const Target> targets, int each) {
  grpc::ChannelArguments arguments;
  // Channels with equal arguments would share one connection.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(kAnswerBytesMax);
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (int i = 0; i < each; ++i) {
    for (const Target& target : targets) {
      channels.push_back(grpc::CreateCustomChannel(
          target.endpoint, target.credentials, arguments));
    }
  }
  return channels;
}

}  // namespace budget::bench
