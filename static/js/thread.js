// The thread: which fragments are news, where the reader looks, and the address of a conversation that just began.
(() => {
  const chat = document.querySelector("[data-chat]");
  const thread = document.getElementById("thread");
  const page = document.scrollingElement;
  const NEAR_BOTTOM_PX = 96;
  let follows = true;

  const toBottom = () => window.scrollTo(0, page.scrollHeight);
  const isAtBottom = () => page.scrollHeight - window.scrollY - window.innerHeight < NEAR_BOTTOM_PX;

  // A turn that is shown already is replaced only by one that tells more: another state, or later events.
  chat.addEventListener("htmx:oobBeforeSwap", (event) => {
    const turn = event.detail.fragment.querySelector("[data-turn]");
    const shown = turn && document.getElementById(turn.id);
    if (!turn) return;
    if (!shown) { follows = true; return; }
    const before = shown.querySelector("[data-state]").dataset;
    const after = turn.querySelector("[data-state]").dataset;
    if (before.state === after.state && Number(after.seq) <= Number(before.seq)) event.detail.shouldSwap = false;
    else shown.remove();
  });

  chat.addEventListener("htmx:wsBeforeMessage", () => { follows = isAtBottom(); });

  chat.addEventListener("htmx:wsAfterMessage", () => {
    for (const told of thread.querySelectorAll("[data-seq-of]")) {
      const answer = document.getElementById(told.dataset.seqOf);
      if (answer) answer.dataset.seq = told.dataset.seq;
    }
    if (location.pathname !== chat.dataset.url && thread.querySelector("[data-turn]")) nameConversation();
    if (follows) toBottom();
  });

  function nameConversation() {
    history.replaceState(null, "", chat.dataset.url);
    const current = document.querySelector("#conversation-list [aria-current]");
    if (!current) return;
    document.querySelector(".chat-title").textContent = current.textContent;
    document.title = `${current.textContent} · AskAcme`;
  }

  if (thread.querySelector("[data-turn]")) toBottom();
})();
