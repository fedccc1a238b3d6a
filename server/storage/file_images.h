// How names of one peer stood before a change, for taking it back: a few bytes each beside
// the names' own, which stand in one text. Not synchronised.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/directory/directory_types.h"

namespace trueque {

class FileImages {
 public:
  // The peer had the name, with this content.
  void had(std::string_view name, const std::optional<Content>& content) {
    add(name, content ? static_cast<std::uint32_t>(contents_.size()) : kNoContent);
    if (content) contents_.push_back(*content);
  }
  void had_not(std::string_view name) { add(name, kNotThere); }

  std::size_t size() const { return images_.size(); }
  void reserve(std::size_t images) { images_.reserve(images); }

  // Calls visit(name, was_there, content) for each, the last one first.
  template <typename Visit>
  void each_backwards(Visit visit) const {
    for (std::size_t i = images_.size(); i > 0; --i) {
      const Image& image = images_[i - 1];
      const std::string_view name(names_.data() + image.begin, image.length);
      std::optional<Content> content;
      if (image.content < kNoContent) content = contents_[image.content];
      visit(name, image.content != kNotThere, content);
    }
  }

 private:
  static constexpr std::uint32_t kNotThere = UINT32_MAX;
  static constexpr std::uint32_t kNoContent = UINT32_MAX - 1;
  struct Image {
    std::size_t begin;  // in names_
    std::uint32_t length;
    std::uint32_t content;  // in contents_, or one of the above
  };

  void add(std::string_view name, std::uint32_t content) {
    images_.push_back({names_.size(), static_cast<std::uint32_t>(name.size()), content});
    names_ += name;
  }

  std::vector<Image> images_;
  std::string names_;
  std::vector<Content> contents_;
};

}  // namespace trueque
