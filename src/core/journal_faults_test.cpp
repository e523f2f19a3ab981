#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "core/journal_test_support.hpp"

namespace ctxcache {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using std::string;
using reasons = std::vector<string>;

string content_of(const string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

/// While it lives, the process may not let a file grow over `bytes`: as when the disk is full.
class file_size_limit {
 public:
  explicit file_size_limit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit small{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
  }
  ~file_size_limit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    (void)std::signal(SIGXFSZ, handler_);
  }
  file_size_limit(const file_size_limit&) = delete;
  file_size_limit& operator=(const file_size_limit&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int);
};

class journal_faults : public journal_on_disk {
 protected:
  const string damaged = "journal damaged";

  static string encoded(const string& reason) {
    return coherence::encode_journal_record(because(reason)).value();
  }
  /// "a", "b" and "c" are queued; one bit of "b" is not as it was.
  static string file_with_damaged_b() {
    auto b = encoded("b");
    b.back() = static_cast<char>(b.back() ^ 1);
    return coherence::encode_journal_head(0) + encoded("a") + b + encoded("c");
  }
  /// A file in memory that stands for the disk: once it is sealed, nobody can write to it, or cut it.
  [[nodiscard]] int memory_as_journal() const {
    const int memory = ::memfd_create("journal", MFD_ALLOW_SEALING);
    EXPECT_GE(memory, 0);
    fs::create_symlink("/proc/self/fd/" + std::to_string(memory), path);
    return memory;
  }
};

TEST_F(journal_faults, damaged_end_is_cut_off_before_more_is_appended) {
  {
    const auto one = opened();
    for (const auto* reason : {"a", "b"}) ASSERT_TRUE(append(*one, reason));
  }
  fs::resize_file(path, fs::file_size(path) - 1);
  const auto one = opened();
  EXPECT_EQ(found, reasons{"a"});
  EXPECT_EQ(fs::file_size(path), coherence::journal_head_bytes + record_bytes("a"));
  ASSERT_TRUE(append(*one, "c"));
  EXPECT_EQ(after_a_crash(), (reasons{"a", "c"}));
}

// The number of the published must not count those that come after the damage.
TEST_F(journal_faults, damage_among_the_published_loses_nothing_that_is_appended_later) {
  write_file(path,
             coherence::encode_journal_head(2) + encoded("a") + "neither a record nor the beginning of one");
  const auto one = opened();
  EXPECT_EQ(found, reasons{damaged});
  ASSERT_TRUE(append(*one, "c"));
  EXPECT_EQ(after_a_crash(), (reasons{damaged, "c"}));
}

TEST_F(journal_faults, damage_in_the_middle_is_replaced_by_a_record_of_everything) {
  write_file(path, file_with_damaged_b());
  {
    const auto one = make();
    const auto queued = run(one->open()).value();
    ASSERT_EQ(queued.size(), 2U);
    EXPECT_EQ(queued[0].reason, "a");
    EXPECT_EQ(queued[1].what.kind(), scope_kind::all);
    EXPECT_EQ(queued[1].reason, damaged);
    EXPECT_EQ(one->size(), 2U);
  }
  const auto one = opened();
  EXPECT_EQ(found, (reasons{"a", damaged}));
  ASSERT_TRUE(append(*one, "d"));
  ASSERT_TRUE(run(one->drop_front(1)));
  EXPECT_EQ(after_a_crash(), (reasons{damaged, "d"}));
}

TEST_F(journal_faults, crash_before_the_damage_is_cut_off_loses_nothing) {
  const log_record lost{.what = scope::everything(), .reason = damaged};
  auto bytes = file_with_damaged_b();
  const auto mended = coherence::encode_journal_record(lost).value();
  bytes.replace(coherence::journal_head_bytes + record_bytes("a"), mended.size(), mended);
  write_file(path, bytes);
  opened();
  EXPECT_EQ(found, (reasons{"a", damaged, damaged}));
}

TEST_F(journal_faults, fewer_records_than_were_published_count_as_everything) {
  write_file(path, coherence::encode_journal_head(2) + encoded("a"));
  const auto one = opened();
  EXPECT_EQ(found, reasons{damaged});
  EXPECT_EQ(after_a_crash(), reasons{damaged});
  ASSERT_TRUE(run(one->drop_front(1)));
  EXPECT_EQ(after_a_crash(), reasons{});
}

TEST_F(journal_faults, without_room_for_it_the_record_of_everything_takes_the_place_of_all) {
  const auto bytes = coherence::encode_journal_head(0) + encoded("a") + string(14, 'x');
  write_file(path, bytes);
  opened(bytes.size());
  EXPECT_EQ(found, reasons{damaged});
  opened(bytes.size());
  EXPECT_EQ(found, reasons{damaged});
}

TEST_F(journal_faults, damage_that_cannot_be_mended_is_left_as_it_is) {
  const int memory = memory_as_journal();
  const auto bytes = file_with_damaged_b();
  write_file(path, bytes);
  ASSERT_EQ(::fcntl(memory, F_ADD_SEALS, F_SEAL_WRITE), 0);
  EXPECT_EQ(run(make()->open()).error(), errc::internal);
  EXPECT_EQ(content_of(path), bytes);
  ::close(memory);
}

TEST_F(journal_faults, unfinished_creation_is_begun_anew) {
  write_file(path, coherence::encode_journal_head(0).substr(0, 5));
  const auto one = opened();
  ASSERT_TRUE(append(*one, "a"));
  EXPECT_EQ(after_a_crash(), reasons{"a"});
}

TEST_F(journal_faults, what_is_no_journal_is_refused_and_left_alone) {
  const string other = "precious, and longer than a head";
  write_file(path, other);
  EXPECT_EQ(run(make()->open()).error(), errc::invalid_config);
  EXPECT_EQ(content_of(path), other);
  path = folder.path();
  EXPECT_EQ(run(make()->open()).error(), errc::invalid_config);
  path = folder.path() + "/pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), S_IRUSR | S_IWUSR), 0);
  EXPECT_EQ(run(make()->open()).error(), errc::invalid_config);
  path = folder.path() + "/missing/journal";
  EXPECT_EQ(run(make()->open()).error(), errc::invalid_config);
}

TEST_F(journal_faults, larger_than_allowed_is_refused_and_left_alone) {
  ASSERT_TRUE(append(*opened(), "a"));
  const auto bytes = fs::file_size(path);
  EXPECT_EQ(run(make(bytes - 1)->open()).error(), errc::invalid_config);
  opened(bytes);
  EXPECT_EQ(found, reasons{"a"});
}

TEST_F(journal_faults, full_disk_refuses_what_does_not_fit_and_keeps_the_rest) {
  const auto one = opened();
  for (const auto* reason : {"a", "b"}) ASSERT_TRUE(append(*one, reason));
  const auto bytes = fs::file_size(path);
  result<void> over{};
  result<void> dropped{};
  {
    const file_size_limit half_a_record_left{bytes + record_bytes("c") / 2};
    over = append(*one, "c");
    dropped = run(one->drop_front(1));
  }
  EXPECT_EQ(over.error(), errc::overloaded);
  EXPECT_TRUE(dropped);
  EXPECT_EQ(fs::file_size(path), bytes);
  EXPECT_EQ(one->size(), 1U);
  ASSERT_TRUE(append(*one, "d"));
  EXPECT_EQ(after_a_crash(), (reasons{"b", "d"}));
}

TEST_F(journal_faults, full_disk_makes_no_new_journal) {
  error_code got;
  {
    const file_size_limit nothing_left{coherence::journal_head_bytes / 2};
    got = run(make()->open()).error();
  }
  EXPECT_EQ(got, errc::overloaded);
  const auto one = opened();
  EXPECT_TRUE(append(*one, "a"));
}

TEST_F(journal_faults, failing_disk_is_an_error_and_loses_nothing) {
  const int memory = memory_as_journal();
  const auto one = opened();
  for (const auto* reason : {"a", "b"}) ASSERT_TRUE(append(*one, reason));
  ASSERT_EQ(::fcntl(memory, F_ADD_SEALS, F_SEAL_WRITE), 0);
  EXPECT_EQ(append(*one, "c").error(), errc::internal);
  EXPECT_EQ(run(one->drop_front(1)).error(), errc::internal);
  EXPECT_EQ(run(one->drop_front(2)).error(), errc::internal);
  EXPECT_EQ(one->size(), 2U);
  EXPECT_EQ(after_a_crash(), (reasons{"a", "b"}));
  ::close(memory);
}

TEST_F(journal_faults, batch_that_fails_is_refused_to_each_of_its_callers) {
  const auto one = opened();
  int refused = 0;
  {
    const file_size_limit nothing_left{coherence::journal_head_bytes};
    for (int i = 0; i < 50; ++i) {
      asio::co_spawn(loop, one->append(because("a")),
                     [&](const std::exception_ptr&, const result<void>& outcome) {
                       refused += !outcome && outcome.error() == errc::overloaded ? 1 : 0;
                     });
    }
    loop.restart();
    loop.run();
  }
  EXPECT_EQ(refused, 50);
  EXPECT_EQ(one->size(), 0U);
  EXPECT_TRUE(append(*one, "b"));
  EXPECT_EQ(after_a_crash(), reasons{"b"});
}

TEST_F(journal_faults, cut_that_fails_forgets_nothing) {
  const int memory = memory_as_journal();
  const auto one = opened();
  for (const auto* reason : {"a", "b"}) ASSERT_TRUE(append(*one, reason));
  ASSERT_TRUE(run(one->drop_front(1)));
  ASSERT_EQ(::fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK), 0);
  EXPECT_EQ(run(one->drop_front(1)).error(), errc::internal);
  EXPECT_EQ(one->size(), 1U);
  ASSERT_TRUE(append(*one, "c"));
  EXPECT_EQ(after_a_crash(), (reasons{"a", "b", "c"}));  // "a" again: rather twice than never
  ASSERT_TRUE(run(one->drop_front(1)));
  EXPECT_EQ(after_a_crash(), reasons{"c"});
  ::close(memory);
}

}  // namespace
}  // namespace ctxcache
