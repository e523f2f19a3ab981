#include "redis/resp.hpp"

#include <hiredis/read.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <new>

namespace ctxcache::redis {
namespace {

// The reader moves the rest of its buffer after each large reply, so it is never given much at a time.
constexpr std::size_t piece_bytes = std::size_t{16} << 10;

void append_length(std::string& out, char sign, std::size_t length) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), length).ptr;
  out += sign;
  out.append(digits.data(), end);
  out += "\r\n";
}

// The functions below make a reply where hiredis wants an object: the root on the heap, the others in the
// place that their array keeps for them. None may throw through C; null means failure to the reader.

reply* place(const redisReadTask* task, reply::kind kind) noexcept {
  auto& elements_left = *static_cast<std::size_t*>(task->privdata);
  if (elements_left == 0) return nullptr;
  --elements_left;
  auto* const made =
      task->parent == nullptr
          ? new reply
          : &static_cast<reply*>(task->parent->obj)->elements[static_cast<std::size_t>(task->idx)];
  made->is = kind;
  return made;
}

void* make_text(const redisReadTask* task, char* bytes, std::size_t size) noexcept {
  const auto kind = task->type == REDIS_REPLY_ERROR    ? reply::kind::error
                    : task->type == REDIS_REPLY_STATUS ? reply::kind::status
                                                       : reply::kind::bulk;
  auto* const made = place(task, kind);
  if (made != nullptr) made->text.assign(bytes, size);
  return made;
}

void* make_array(const redisReadTask* task, int size) noexcept {
  const auto elements_left = *static_cast<const std::size_t*>(task->privdata);
  if (size < 0 || static_cast<std::size_t>(size) >= elements_left) return nullptr;
  auto* const made = place(task, reply::kind::array);
  made->elements.resize(static_cast<std::size_t>(size));
  return made;
}

void* make_integer(const redisReadTask* task, long long value) noexcept {
  auto* const made = place(task, reply::kind::integer);
  if (made != nullptr) made->integer = value;
  return made;
}

void* make_nil(const redisReadTask* task) noexcept {
  return place(task, reply::kind::nil);
}

void free_root(void* root) noexcept {
  delete static_cast<reply*>(root);
}

redisReplyObjectFunctions object_functions{make_text, make_array, make_integer, make_nil, free_root};

}  // namespace

void batch::add(std::span<const std::string_view> words) {
  std::size_t size = 16;
  for (const auto word : words) size += word.size() + 16;
  if (bytes_.empty()) bytes_.reserve(size);
  append_length(bytes_, '*', words.size());
  for (const auto word : words) {
    append_length(bytes_, '$', word.size());
    bytes_ += word;
    bytes_ += "\r\n";
  }
  ++commands_;
}

void reply_parser::reader_deleter::operator()(redisReader* reader) const noexcept {
  redisReaderFree(reader);
}

reply_parser::reply_parser() : reader_(redisReaderCreateWithFunctions(&object_functions)) {
  if (!reader_) throw std::bad_alloc{};
  reader_->privdata = &elements_left_;
}

reply_parser::~reply_parser() = default;

result<std::vector<reply>> reply_parser::feed(std::string_view bytes) {
  std::vector<reply> whole;
  while (!bytes.empty()) {
    const auto piece = bytes.substr(0, piece_bytes);
    bytes.remove_prefix(piece.size());
    unfinished_bytes_ += piece.size();
    if (unfinished_bytes_ > reply_bytes_max) return errc::l2_unavailable;
    if (redisReaderFeed(reader_.get(), piece.data(), piece.size()) != REDIS_OK) return errc::l2_unavailable;
    while (true) {
      void* root = nullptr;
      if (redisReaderGetReply(reader_.get(), &root) != REDIS_OK) return errc::l2_unavailable;
      if (root == nullptr) break;
      const std::unique_ptr<reply> owned{static_cast<reply*>(root)};
      whole.push_back(std::move(*owned));
      elements_left_ = reply_elements_max;
      unfinished_bytes_ = 0;
    }
  }
  return whole;
}

}  // namespace ctxcache::redis
