// A question shows the moment it is sent; the server's own turn takes its place, or a refusal takes it away.
(() => {
  const chat = document.querySelector("[data-chat]");
  const thread = document.getElementById("thread");
  const template = document.getElementById("pending-turn");
  const note = document.getElementById("composer-note");
  let pending = null;

  chat.addEventListener("htmx:wsConfigSend", (event) => {
    if (event.defaultPrevented) return;
    const { question, edit, regenerate } = event.detail.parameters;
    const replaced = document.getElementById(`turn-${edit || regenerate}`);
    const text = question ?? replaced?.querySelector("[data-question]").textContent;
    if (text && pending) event.preventDefault();
    else if (text) show(text, replaced);
  });

  function show(text, replaced) {
    pending = template.content.cloneNode(true).firstElementChild;
    pending.querySelector("[data-question]").textContent = text;
    thread.append(pending);
    if (replaced?.contains(document.activeElement)) pending.querySelector(".answer").focus({ preventScroll: true });
    replaced?.classList.add("is-replaced");
    chat.dispatchEvent(new Event("question-shown"));
  }

  function hide() {
    pending?.remove();
    pending = null;
    thread.querySelector(".is-replaced")?.classList.remove("is-replaced");
  }

  chat.addEventListener("htmx:oobBeforeSwap", (event) => {
    const turn = event.detail.fragment.querySelector("[data-turn]");
    if (pending && turn && !document.getElementById(turn.id) && pending.dataset.pending === "accepted") hide();
  });

  chat.addEventListener("htmx:wsAfterMessage", () => {
    if (!pending) return;
    if (note.querySelector("[data-composer-accepted]")) pending.dataset.pending = "accepted";
    else if (note.querySelector("[data-composer-error]")) hide();
    else if (!pending.isConnected && pending.dataset.pending) hide(); // the whole thread came, and it is part of it
    else if (pending !== thread.lastElementChild) thread.append(pending);
  });

  // Its turn could not be shown, only that it failed: the page as the server knows it says why.
  document.body.addEventListener("htmx:oobErrorNoTarget", () => {
    if (pending?.dataset.pending === "accepted") location.reload();
  });

  chat.addEventListener("htmx:wsClose", (event) => { if (!event.detail.socketWrapper.queue.length) hide(); });
})();
