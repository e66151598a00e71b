// The question box: grows, sends on Enter, counts near the limit, and never loses what was typed.
(() => {
  const form = document.querySelector("[data-composer]");
  const chat = document.querySelector("[data-chat]");
  const box = form.querySelector("textarea");
  const note = document.getElementById("composer-note");
  const count = form.querySelector("[data-count]");
  const limit = Number(box.dataset.max);
  const COUNT_FROM = 0.8;
  let sent = null; // the question on its way, as { text, key }

  // Drafts are private, and machines are shared: they last as long as the tab, which outlives a crash, and no longer.
  const key = (path = location.pathname) => `draft:${chat.dataset.user}:${path}`;
  const keep = (text, at = key()) => {
    try { text ? sessionStorage.setItem(at, text) : sessionStorage.removeItem(at); } catch { /* full, or private */ }
  };
  const length = () => Array.from(box.value).length;
  const say = (words) => words.replace("{length}", length().toLocaleString(document.documentElement.lang))
    .replace("{limit}", limit.toLocaleString(document.documentElement.lang));

  function refresh() {
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight}px`;
    count.hidden = length() < limit * COUNT_FROM;
    count.textContent = say(count.dataset.count);
    count.classList.toggle("is-over", length() > limit);
  }

  function type(text) {
    box.value = text;
    refresh();
  }

  function complain(text) {
    const line = document.createElement("p");
    line.className = "composer-error";
    line.textContent = text;
    note.replaceChildren(line);
    box.focus();
  }

  function accept() {
    keep("", sent.key); // the first question changes the address, and so the key
    keep(box.value, key(chat.dataset.url));
    sent = null;
  }

  // What did not arrive is in the box again, before what was typed since.
  function giveBack() {
    if (!sent) return;
    type([sent.text, box.value].filter(Boolean).join("\n"));
    keep(box.value);
    sent = null;
  }

  box.addEventListener("input", () => { note.replaceChildren(); keep([sent?.text, box.value].filter(Boolean).join("\n")); refresh(); });

  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    form.requestSubmit();
  });

  form.addEventListener("htmx:wsConfigSend", (event) => {
    const problem = !box.value.trim() ? box.dataset.empty : length() > limit ? say(box.dataset.long) : "";
    if (problem) complain(problem);
    if (problem || document.querySelector("[data-pending]")) { event.preventDefault(); return; }
    sent = { text: box.value, key: key() };
    type("");
  });

  chat.addEventListener("htmx:wsAfterMessage", () => {
    if (note.querySelector("[data-composer-accepted]")) {
      note.replaceChildren();
      if (sent) accept();
    } else if (note.querySelector("[data-composer-error]")) {
      if (sent) box.focus();
      giveBack();
    }
  });

  // What was on its way when the connection broke may be lost, or have arrived: then its turn comes with the next one.
  chat.addEventListener("htmx:wsClose", (event) => { if (!event.detail.socketWrapper.queue.length) giveBack(); });
  chat.addEventListener("htmx:oobBeforeSwap", (event) => {
    const turn = event.detail.fragment.querySelector("[data-turn]");
    if (!turn || document.getElementById(turn.id)) return;
    if (turn.querySelector("[data-question]").textContent.trim() !== box.value.trim()) return;
    type("");
    keep("");
  });

  // htmx lets the browser submit what a listener held back.
  chat.addEventListener("submit", (event) => { if (event.target.hasAttribute("ws-send")) event.preventDefault(); });

  try { box.value = sessionStorage.getItem(key()) || box.value; } catch { /* no drafts then */ }
  refresh();

  // Until htmx is ready, which it is before this listener runs, Enter would only begin a new line.
  document.addEventListener("DOMContentLoaded", () => { box.readOnly = false; });
})();
