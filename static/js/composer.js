// The question box: grows, sends on Enter, counts near the limit, and never loses what was typed.
(() => {
  const form = document.querySelector("[data-composer]");
  const chat = document.querySelector("[data-chat]");
  const box = form.querySelector("textarea");
  const note = document.getElementById("composer-note");
  const count = form.querySelector("[data-count]");
  const limit = Number(box.dataset.max);
  const COUNT_FROM = 0.8;
  let sent = null;

  const key = () => `draft:${location.pathname}`;
  const keep = (text, at = key()) => {
    try { text ? sessionStorage.setItem(at, text) : sessionStorage.removeItem(at); } catch { /* full, or private */ }
  };
  const length = () => Array.from(box.value).length;

  function refresh() {
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight}px`;
    count.hidden = length() < limit * COUNT_FROM;
    count.textContent = `${length().toLocaleString()} of ${limit.toLocaleString()} characters`;
    count.classList.toggle("is-over", length() > limit);
  }

  // `question` { text, key } is on its way to the server; null: none is.
  function wait(question) {
    sent = question;
    form.classList.toggle("is-sending", question !== null);
  }

  function complain(text) {
    const line = document.createElement("p");
    line.className = "composer-error";
    line.textContent = text;
    note.replaceChildren(line);
    box.focus();
  }

  function clear() {
    keep("", sent.key); // the first question changes the address, and so the key
    if (box.value === sent.text) box.value = "";
    keep(box.value);
    refresh();
  }

  box.addEventListener("input", () => { note.replaceChildren(); keep(box.value); refresh(); });

  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    form.requestSubmit();
  });

  form.addEventListener("htmx:wsConfigSend", (event) => {
    const problem = !box.value.trim() ? "Please type a question."
      : length() > limit ? `Your question has ${length().toLocaleString()} characters; at most ${limit.toLocaleString()} fit. Please shorten it.`
      : "";
    const { queue } = event.detail.socketWrapper; // of what waits for the connection, only the latest is sent
    if (problem) complain(problem);
    if (problem || (sent && !queue.length)) { event.preventDefault(); return; }
    queue.length = 0;
    wait({ text: box.value, key: key() });
  });

  chat.addEventListener("htmx:wsAfterMessage", () => {
    if (note.querySelector("[data-composer-accepted]")) {
      note.replaceChildren();
      if (sent) clear();
      wait(null);
    } else if (note.querySelector("[data-composer-error]")) {
      wait(null);
    }
  });

  // What was on its way when the connection broke may be lost: the draft is still here to be sent again.
  chat.addEventListener("htmx:wsClose", (event) => { if (!event.detail.socketWrapper.queue.length) wait(null); });

  // htmx lets the browser submit what a listener held back.
  chat.addEventListener("submit", (event) => { if (event.target.hasAttribute("ws-send")) event.preventDefault(); });

  try { box.value = sessionStorage.getItem(key()) || box.value; } catch { /* no drafts then */ }
  refresh();

  // Until htmx is ready, which it is before this listener runs, Enter would only begin a new line.
  document.addEventListener("DOMContentLoaded", () => { box.readOnly = false; });
})();
