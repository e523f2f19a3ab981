// A fleet's member whose journal's disk fails.
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "coherence/journal_records.hpp"
#include "core/fleet_test_support.hpp"

namespace ctxcache::test {
namespace {

/// While it lives, this process cannot write to a file that it has open.
class write_protection {
 public:
  explicit write_protection(const std::filesystem::path& path) {
    for (const auto& one : std::filesystem::directory_iterator{"/proc/self/fd"}) {
      std::error_code gone;
      if (std::filesystem::read_symlink(one, gone) == path) file_ = std::stoi(one.path().filename());
    }
    writable_ = ::dup(file_);
    const int readable = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    EXPECT_EQ(::dup2(readable, file_), file_);
    ::close(readable);
  }
  ~write_protection() {
    ::dup2(writable_, file_);
    ::close(writable_);
  }
  write_protection(const write_protection&) = delete;
  write_protection& operator=(const write_protection&) = delete;

 private:
  int file_ = -1;
  int writable_ = -1;
};

TEST_F(fleet, what_the_journal_could_not_forget_is_forgotten_later) {
  const auto path = std::filesystem::path{testing::TempDir()} / "fleet_log_test_unforgotten.journal";
  std::filesystem::remove(path);
  const auto one = join({.journal_path = path.string()});
  one.store->fail_with(fake_log_store::fault::down);
  for (const auto* customer : {"cust_1", "cust_2"}) ASSERT_TRUE(invalidate(one, of(customer)));
  {
    const write_protection failing_disk{path};
    one.store->fail_with(fake_log_store::fault::none);
    ASSERT_TRUE(comes_true([&] { return one.cache->fleet().queued == 0; }));
    one.store->fail_with(fake_log_store::fault::down);
    EXPECT_EQ(invalidate(one, of("cust_3")).error(), errc::internal) << "behind what was to be forgotten";
    one.store->fail_with(fake_log_store::fault::none);
    EXPECT_GT(std::filesystem::file_size(path), coherence::journal_head_bytes);
  }
  EXPECT_TRUE(comes_true([&] { return std::filesystem::file_size(path) == coherence::journal_head_bytes; }));
}

}  // namespace
}  // namespace ctxcache::test
