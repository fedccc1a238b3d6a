#include "peer_client/rpc/file_bundles.h"

#include <algorithm>
#include <utility>

namespace trueque {
namespace {

constexpr std::size_t kFewestFiles = 16;
constexpr std::size_t kMostFiles = 256;
constexpr std::uint64_t kMostBytes = 2UL * 1024 * 1024;
constexpr std::chrono::milliseconds kQuick{250};
constexpr std::chrono::milliseconds kSlow{2'000};

Error interrupted() { return make_error(Code::kCancelled, "interrupted"); }

}  // namespace

// One call, and how far its files have come.
class FileBundles::Bundle {
 public:
  // `ahead`: bytes that are under way and come before these.
  Bundle(FileBundles& owner, std::vector<WholeFile> files, std::uint64_t ahead)
      : owner_(owner), files_(std::move(files)), call_(context_, owner.patience()) {
    for (const WholeFile& file : files_) bytes_ += file.size;
    context_.set_deadline(std::chrono::system_clock::now() + time_for_files(ahead + bytes_));
    const std::lock_guard lock(owner_.mutex_);
    owner_.running_.insert(&context_);
    if (owner_.cancelled_) context_.TryCancel();
  }
  ~Bundle() {
    context_.TryCancel();
    const std::lock_guard lock(owner_.mutex_);
    owner_.running_.erase(&context_);
  }
  Bundle(const Bundle&) = delete;
  Bundle& operator=(const Bundle&) = delete;

  void begin() {
    trueque::v1::FetchManyRequest request;
    for (const WholeFile& file : files_) {
      trueque::v1::FetchRequest& range = *request.add_ranges();
      range.set_content_id(file.content.bytes.data(), file.content.bytes.size());
      range.set_length(file.size);
    }
    call_.begin(owner_.channel_, request, bytes_);
  }

  // The last file is told of when the call has ended well: a peer that has more to say is
  // none whose files are taken.
  Status run(WholeFiles& files) {
    const Status status = call_.run([&](std::span<const std::uint8_t> bytes) -> Status {
      if (owner_.cancelled()) return interrupted();
      take(bytes, files);
      return {};
    });
    if (status) files.arrived(files_[arrived_++], whole_);
    return status;
  }

  std::uint64_t bytes() const { return bytes_; }
  // Those that nobody was told of, in their order.
  std::span<const WholeFile> missing() const { return std::span(files_).subspan(arrived_); }

 private:
  void take(std::span<const std::uint8_t> bytes, WholeFiles& files) {
    while (!bytes.empty()) {
      const WholeFile& file = files_[arrived_];
      const auto portion = bytes.first(static_cast<std::size_t>(
          std::min<std::uint64_t>(bytes.size(), file.size - whole_.size())));
      bytes = bytes.subspan(portion.size());
      const bool is_last = arrived_ + 1 == files_.size();
      if (whole_.empty() && portion.size() == file.size && !is_last) {
        files.arrived(files_[arrived_++], portion);
        continue;
      }
      whole_.insert(whole_.end(), portion.begin(), portion.end());
      if (whole_.size() < file.size || is_last) continue;
      files.arrived(files_[arrived_++], whole_);
      whole_.clear();
    }
  }

  FileBundles& owner_;
  const std::vector<WholeFile> files_;
  grpc::ClientContext context_;
  FetchCall call_;
  std::uint64_t bytes_ = 0;          // of all its files
  std::size_t arrived_ = 0;          // files
  std::vector<std::uint8_t> whole_;  // of the next file, what has come
};

FileBundles::FileBundles(std::shared_ptr<grpc::Channel> channel, Silence silence)
    : channel_(std::move(channel)), silence_(silence), files_in_bundle_(kFewestFiles) {}

FileBundles::~FileBundles() = default;

std::vector<WholeFile> FileBundles::run(WholeFiles& files) {
  BundlePtr current = begin_next(files, 0);
  while (current) {
    // A peer that knows no FetchMany is asked once.
    BundlePtr next = known_ ? begin_next(files, current->bytes()) : nullptr;
    const Status status = receive(*current, files);
    if (!status && status.error().code == Code::kUnimplemented && !known_) {
      left_.insert(left_.end(), current->missing().begin(), current->missing().end());
      if (held_back_) left_.push_back(*held_back_);
      break;
    }
    known_ = true;
    if (!status && !is_about_the_file(status.error().code)) {
      give_up(std::move(current), std::move(next), status.error(), files);
      break;
    }
    if (!status) leave_rest_of(*current, status.error(), files);
    current = next ? std::move(next) : begin_next(files, 0);
  }
  return std::move(left_);
}

FileBundles::BundlePtr FileBundles::begin_next(WholeFiles& files, std::uint64_t ahead) {
  std::vector<WholeFile> chosen = choose(files);
  if (chosen.empty()) return nullptr;
  auto bundle = std::make_unique<Bundle>(*this, std::move(chosen), ahead);
  bundle->begin();
  return bundle;
}

std::vector<WholeFile> FileBundles::choose(WholeFiles& files) {
  std::vector<WholeFile> chosen;
  std::uint64_t bytes = 0;
  while (!over_ && chosen.size() < files_in_bundle_) {
    std::optional<WholeFile> file = std::exchange(held_back_, std::nullopt);
    if (!file) file = files.next();
    over_ = !file;
    if (!file) break;
    if (file->size == 0) {
      left_.push_back(*file);
      continue;
    }
    bytes += file->size;
    if (!chosen.empty() && bytes > kMostBytes) {
      held_back_ = file;
      break;
    }
    chosen.push_back(*file);
  }
  return chosen;
}

Status FileBundles::receive(Bundle& bundle, WholeFiles& files) {
  const auto began = std::chrono::steady_clock::now();
  Status status = bundle.run(files);
  adapt(std::chrono::steady_clock::now() - began);
  if (!status && cancelled()) return interrupted();
  return status;
}

void FileBundles::adapt(std::chrono::steady_clock::duration took) {
  if (took < kQuick) files_in_bundle_ = std::min(2 * files_in_bundle_, kMostFiles);
  if (took > kSlow) files_in_bundle_ = std::max(files_in_bundle_ / 2, kFewestFiles);
}

// The error is the first file's that did not arrive whole. The others are left to be asked
// for one by one: more of them may be gone, and each would end a call.
void FileBundles::leave_rest_of(const Bundle& bundle, const Error& error, WholeFiles& files) {
  const std::span<const WholeFile> missing = bundle.missing();
  files.failed(missing.front(), error);
  left_.insert(left_.end(), missing.begin() + 1, missing.end());
}

// The peer fails: nothing more is asked of it.
void FileBundles::give_up(BundlePtr current, BundlePtr next, const Error& error,
                          WholeFiles& files) {
  std::vector<WholeFile> failed = std::exchange(left_, {});
  for (const Bundle* bundle : {current.get(), next.get()}) {
    if (bundle != nullptr)
      failed.insert(failed.end(), bundle->missing().begin(), bundle->missing().end());
  }
  if (held_back_) failed.push_back(*held_back_);
  for (const WholeFile& file : failed) files.failed(file, error);
}

std::chrono::milliseconds FileBundles::patience() const {
  return known_ ? silence_.later : silence_.first;
}

bool FileBundles::cancelled() const {
  const std::lock_guard lock(mutex_);
  return cancelled_;
}

void FileBundles::cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  for (grpc::ClientContext* context : running_) context->TryCancel();
}

}  // namespace trueque
