// Files dragged out of the page into a DAW or a folder. Chrome and its kin take the address that
// `DownloadURL` says; elsewhere the link itself is dragged, and a click downloads.

const TYPES = {
  mid: "audio/midi",
  mp3: "audio/mpeg",
  musicxml: "application/vnd.recordare.musicxml+xml",
  png: "image/png",
  wav: "audio/wav",
  zip: "application/zip",
};

export const downloadUrl = (name, address) => {
  const ending = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  const plain = name.replaceAll(":", "_"); // colons part the three
  return `${TYPES[ending] ?? "application/octet-stream"}:${plain}:${address}`;
};

export const offerDrag = (link) => {
  link.addEventListener("dragstart", (event) => {
    if (!link.href) return;
    event.dataTransfer.setData("DownloadURL", downloadUrl(link.download, link.href));
    event.dataTransfer.effectAllowed = "copy";
  });
};
