// Plain links to files. A link that has not changed is left alone: it may just be clicked.

const list = element.querySelector('[data-ml="links"]');

const show = () => {
  const links = (props.value && props.value.links) || [];
  links.forEach((link, index) => {
    let anchor = list.children[index];
    if (!anchor) {
      anchor = document.createElement("a");
      anchor.setAttribute("role", "link");
      list.append(anchor);
    }
    anchor.textContent = link.label;
    const url = link.file ? link.file.url : "";
    if (!url) {
      anchor.removeAttribute("href");
      anchor.setAttribute("aria-disabled", "true");
    } else if (anchor.href !== new URL(url, document.baseURI).href) {
      anchor.href = url;
      anchor.download = link.name;
      anchor.removeAttribute("aria-disabled");
    }
  });
};

watch("value", show);
show();
