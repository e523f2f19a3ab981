// `ctxcache warm`: orders it, and follows the job to its end, or to where it only keeps things warm.
#include <algorithm>
#include <boost/json/serialize.hpp>
#include <optional>

#include "interruption.hpp"
#include "progress_bar.hpp"
#include "warm_orders.hpp"
#include "warm_text.hpp"

namespace ctxcache::client {
namespace {

namespace json = boost::json;

constexpr std::chrono::milliseconds look_every{500};
constexpr std::chrono::seconds patience{5};  // a hung daemon must not make Ctrl-C wait for long
constexpr std::chrono::minutes outage_max{2};

class warm_run {
 public:
  warm_run(const daemon& at, warm_plan plan)
      : at_(at), plan_(std::move(plan)), bar_(at.screen, 0), asked_(at) {
    asked_.timeout = std::min<std::chrono::milliseconds>(at.timeout, patience);
  }

  [[nodiscard]] exit_code order_only() {
    if (plan_.bodies.size() > 1) {
      return report(
          {exit_code::usage,
           "the file is too long for one job, and its parts have to be sent one after the other: leave "
           "out --detach, or make it a segment of the daemon's configuration"});
    }
    for (const auto& body : plan_.bodies) {
      const auto job = order(body);
      if (!job) return report(job.error());
      const auto id = printable(text_in(*job, "id"));
      const auto printed = at_.as_json ? print_json(*job)
                                       : print("job " + id + " warms " + subject_of(*job) +
                                               "; `ctxcache warm status " + id + "` shows how far it is\n");
      if (printed != exit_code::ok) return printed;
    }
    return plan_.bad_lines.empty() ? exit_code::ok : exit_code::partly_done;
  }

  [[nodiscard]] exit_code follow() {
    for (const auto& body : plan_.bodies) {
      if (stopped_) break;
      const auto job = order(body);
      if (job) {
        follow_one(*job);
      } else {
        stop(job.error());
      }
      ++sent_;
    }
    bar_.clear();
    return show();
  }

 private:
  outcome<json::object> order(const std::string& body) {
    auto job = ask_json(at_, {.method = "POST", .path = std::string{warm_path}, .body = body});
    if (job && truth_in(*job, "already_running")) {
      bar_.clear();
      note(subject_of(*job) + ": is being warmed already, by job " + printable(text_in(*job, "id")) + " (" +
           printable(text_in(object_in(*job, "order"), "asked_by")) + ")\n");
    }
    return job;
  }

  void follow_one(json::object job) {
    const auto id = text_in(job, "id");
    while (state_of(job) == warm_state::going_on) {
      const auto parts = plan_.bodies.size();
      bar_.say(
          (parts == 1 ? "" : "part " + std::to_string(sent_ + 1) + " of " + std::to_string(parts) + ": ") +
          warm_progress(job));
      if (user_.wait(look_every)) return interrupt(id);
      auto answer = ask_json(asked_, {.path = std::string{warm_path} + "/" + path_segment(id)});
      if (answer) {
        job = *std::move(answer);
        silent_ = {};
      } else if (!may_come_back(answer.error())) {
        return stop(answer.error());
      }
    }
    end(job);
  }

  // The job goes on without the daemon that was asked, or waits for it; neither shows from here.
  bool may_come_back(const failure& why) {
    if (why.code == exit_code::not_found) return false;
    silent_ += look_every + (why.code == exit_code::unreachable ? asked_.timeout : look_every);
    return silent_ < outage_max;
  }

  void end(const json::object& job) {
    bar_.clear();
    sums_.add(job);
    const auto state = state_of(job);
    if (state == warm_state::holding) held_ = text_in(job, "id");
    if (state == warm_state::failed)
      stop({exit_code::failure, "the job failed: " + printable(text_in(job, "why"))});
    if (state == warm_state::cancelled) stop({exit_code::failure, "the job was cancelled"});
    if (const auto lines = failure_lines(job); !lines.empty()) note("failed:\n" + lines);
    if (at_.as_json) printed_ = std::max(printed_, print_json(job));
  }

  void stop(const failure& why) {
    bar_.clear();
    stopped_ = report(why);
  }

  void interrupt(const std::string& id) {
    bar_.clear();
    note("job " + id + " goes on. To see how far it is: ctxcache warm status " + id +
         "; to end it: ctxcache warm cancel " + id + "\n");
    stopped_ = exit_code::partly_done;
  }

  [[nodiscard]] exit_code show() const {
    if (const auto unsent = plan_.bodies.size() - sent_; unsent > 0)
      note("error: " + std::to_string(unsent) + " parts of the file were not sent\n");
    if (!at_.as_json && sums_.customers > 0) {
      const auto printed = print(sentence_of(sums_) + "\n");
      if (printed != exit_code::ok) return printed;
    }
    if (!held_.empty())
      note("job " + held_ + " keeps them warm; to end it: ctxcache warm cancel " + held_ + "\n");
    if (printed_ != exit_code::ok) return printed_;
    if (!stopped_ && sums_.failed == 0 && plan_.bad_lines.empty()) return exit_code::ok;
    if (sums_.loaded + sums_.already_warm > 0) return exit_code::partly_done;
    return stopped_.value_or(exit_code::failure);
  }

  const daemon& at_;
  const warm_plan plan_;
  progress_bar bar_;
  daemon asked_;  // while following
  const interruption user_;
  warm_sums sums_;
  std::size_t sent_ = 0;
  std::chrono::milliseconds silent_{0};  // how long the daemon has not answered
  std::string held_;                     // a job that goes on
  std::optional<exit_code> stopped_;     // why not everything was done
  exit_code printed_ = exit_code::ok;
};

}  // namespace

exit_code warm(const daemon& at, const warm_options& how) {
  auto plan = plan_of(how);
  if (!plan) return report(plan.error());
  note(plan->bad_lines);
  if (plan->bodies.empty()) return exit_code::failure;
  warm_run run{at, *std::move(plan)};
  return how.detach ? run.order_only() : run.follow();
}

}  // namespace ctxcache::client
