// Where the reader looks: a growing answer is followed by whoever is at its end, and moves nobody else.
(() => {
  const chat = document.querySelector("[data-chat]");
  const thread = document.getElementById("thread");
  const jump = chat.querySelector("[data-jump]");
  const page = document.scrollingElement;
  const NEAR_BOTTOM_PX = 48;
  let follows = true;

  const toBottom = () => window.scrollTo(0, page.scrollHeight);
  const isAtBottom = () => page.scrollHeight - window.scrollY - window.innerHeight < NEAR_BOTTOM_PX;

  chat.addEventListener("htmx:wsBeforeMessage", () => { follows = isAtBottom(); });
  chat.addEventListener("htmx:wsAfterMessage", () => { if (follows) toBottom(); });
  chat.addEventListener("question-shown", toBottom);
  jump.addEventListener("click", toBottom);

  new IntersectionObserver(([end]) => { jump.hidden = end.isIntersecting; }, { rootMargin: `0px 0px ${NEAR_BOTTOM_PX}px` })
    .observe(chat.querySelector("[data-end]"));

  if (thread.querySelector("[data-turn]") && !location.hash) toBottom();
})();
