// The list of conversations: its menu, its dialogs, and where the keyboard goes on after them.
(() => {
  const menu = document.querySelector("[data-menu]");
  const dialog = document.querySelector("[data-dialog]");
  const waiting = menu.innerHTML;
  let opener = null;

  // A conversation's menu is fetched when it opens: until then no other's may be pressed.
  menu.addEventListener("beforetoggle", (event) => { if (event.newState === "open") menu.innerHTML = waiting; });
  menu.addEventListener("htmx:afterSettle", () => menu.querySelector(".menu-item")?.focus());
  menu.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const items = [...menu.querySelectorAll(".menu-item")];
    items.at((items.indexOf(document.activeElement) + step) % items.length)?.focus();
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[popovertarget='conversation-menu']:not([popovertargetaction])");
    if (button) opener = button;
    if (event.target === dialog || event.target.closest("[data-close]")) dialog.close(); // beside it, or on "Keep it"
    if (event.target.closest(".menu-item[download]")) menu.hidePopover();
  });

  dialog.addEventListener("htmx:afterSettle", () => { if (!dialog.open && dialog.firstElementChild) dialog.showModal(); });
  dialog.addEventListener("close", () => {
    dialog.replaceChildren();
    const shown = opener?.checkVisibility() ? opener : document.querySelector("[data-search]");
    (shown.checkVisibility() ? shown : document.getElementById("question"))?.focus();
  });
  document.body.addEventListener("done", () => dialog.close());

  // Escape gives a name that is being changed back as it was.
  document.addEventListener("keydown", (event) => {
    const form = event.key === "Escape" && event.target.closest("[data-rename]");
    if (!form) return;
    event.preventDefault();
    event.stopPropagation();
    form.querySelector("[data-cancel]").click();
  });
})();
