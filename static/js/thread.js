// The thread: which fragments are news, where the focus stays, and the address of a conversation that just began.
(() => {
  const chat = document.querySelector("[data-chat]");
  const thread = document.getElementById("thread");
  const tabs = new BroadcastChannel(chat.dataset.url);
  let held = null;

  // A turn that is shown already is replaced only by one that tells more: another state, or later events.
  chat.addEventListener("htmx:oobBeforeSwap", (event) => {
    const [turn, ...more] = event.detail.fragment.querySelectorAll("[data-turn]");
    if (!turn || more.length) return; // more than one: the whole thread, which replaces what is there
    const shown = document.getElementById(turn.id);
    if (!shown) { branchOff(turn.dataset.parent); return; }
    const before = shown.querySelector("[data-state]").dataset;
    const after = turn.querySelector("[data-state]").dataset;
    // What runs is always replaced: what follows builds on what this server has told, which may be less.
    const isOld = before.state === after.state && after.state !== "running" && Number(after.seq) <= Number(before.seq);
    if (isOld) event.detail.shouldSwap = false;
    else shown.remove();
  });

  // A new turn follows the one it names; what stood there is another branch now.
  function branchOff(parent) {
    if (parent && !document.getElementById(`turn-${parent}`)) { location.reload(); return; }
    for (const turn of thread.querySelectorAll(parent ? `#turn-${parent} ~ [data-turn]` : "[data-turn]")) turn.remove();
  }

  chat.addEventListener("htmx:wsBeforeMessage", () => {
    held = thread.contains(document.activeElement) ? document.activeElement : null;
  });

  chat.addEventListener("htmx:wsAfterMessage", () => {
    for (const told of thread.querySelectorAll("[data-seq-of]")) {
      const answer = document.getElementById(told.dataset.seqOf);
      if (answer) answer.dataset.seq = told.dataset.seq;
    }
    if (location.pathname !== chat.dataset.url && thread.querySelector("[data-turn]")) history.replaceState(null, "", chat.dataset.url);
    nameConversation();
    if (held && !held.isConnected) {
      const next = document.getElementById(held.id) || thread.querySelector(":scope > :last-child .answer");
      next?.focus({ preventScroll: true });
    }
  });

  // The person's other tabs show the same branch.
  thread.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.requestConfig?.verb === "post" && event.target === thread) tabs.postMessage("branch");
  });
  tabs.addEventListener("message", () => {
    htmx.ajax("GET", chat.dataset.url, { target: thread, select: "#thread > *", swap: "innerHTML" });
  });

  function nameConversation() {
    const current = document.querySelector("#conversation-list [aria-current]");
    const title = document.querySelector(".chat-title");
    if (!current || title.textContent === current.textContent) return;
    title.textContent = current.textContent;
    document.title = `${current.textContent} · AskAcme`;
  }
})();
