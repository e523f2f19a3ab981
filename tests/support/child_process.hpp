#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace ctxcache::test {

/// A real program under test or beside it; ended by its process id at the latest when this object dies.
class child_process {
 public:
  /// Starts `arguments[0]` (looked up in PATH); its output goes to `output_file`. Throws std::runtime_error.
  child_process(const std::vector<std::string>& arguments, const std::string& output_file);
  ~child_process();
  child_process(child_process&& other) noexcept;
  child_process& operator=(child_process&&) = delete;

  [[nodiscard]] pid_t id() const { return id_; }
  void signal(int number) const;
  /// Sends the signal and waits for the end; the exit status as waitpid gives it.
  int end(int number);

 private:
  pid_t id_ = -1;
};

/// A port on 127.0.0.1 that nobody listens on, below those that the system gives to whoever connects: none of
/// them takes it before it is listened on. Comes back to a port after thousands of others.
[[nodiscard]] int free_port();
/// Whether somebody accepts on 127.0.0.1:port now.
[[nodiscard]] bool accepts(int port);
/// Asks again and again until `condition` holds; false when it does not within `limit`.
[[nodiscard]] bool eventually(const std::function<bool()>& condition,
                              std::chrono::seconds limit = std::chrono::seconds{20});

/// A folder of its own under the temporary folder, removed with this object.
class temporary_folder {
 public:
  temporary_folder();
  ~temporary_folder();
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace ctxcache::test
