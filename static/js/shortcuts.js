// Keys: Escape stops, Control and K searches; single keys only where nobody types, and only if they are not turned off.
(() => {
  const chat = document.querySelector("[data-chat]");
  const box = document.getElementById("question");
  const help = document.getElementById("shortcuts");
  const single = help.querySelector("[data-single-keys]");
  const last = (selector) => [...chat.querySelectorAll(selector)].at(-1);
  const types = (element) => element.closest("input, textarea, select, [contenteditable]");
  const stored = () => { try { return localStorage.getItem("single-keys"); } catch { return null; } };

  const KEYS = {
    "/": () => box.focus(),
    "?": () => help.showModal(),
    "n": () => document.querySelector("[data-new-chat]").click(),
  };

  function search() {
    const field = document.querySelector("[data-search]");
    if (field?.offsetParent === null) document.getElementById("sidebar").showPopover();
    field?.focus();
  }

  function act(event) {
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key === "k") return search;
    if (!isPlain) return null;
    if (event.target.closest("[data-search], [data-rename]")) return null; // Escape is theirs
    if (event.key === "Escape") return last("[data-stop]") && (() => last("[data-stop]").click());
    if (event.key === "ArrowUp" && event.target === box && !box.value) return last("[data-edit]") && (() => last("[data-edit]").click());
    return single.checked && !types(event.target) ? KEYS[event.key] : null;
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog:modal, :popover-open")) return;
    const action = act(event);
    if (!action) return;
    event.preventDefault();
    action();
  });

  single.checked = stored() !== "off";
  single.addEventListener("change", () => {
    try { localStorage.setItem("single-keys", single.checked ? "on" : "off"); } catch { /* this page only */ }
  });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-shortcuts]")) help.showModal(); });
})();
