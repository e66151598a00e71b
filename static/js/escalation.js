// What is offered below the last answer comes into view for whoever is at the end of the thread.
(() => {
  const page = document.scrollingElement;
  const NEAR_BOTTOM_PX = 48;
  let follows = false;

  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.target.matches(".escalation")) follows = page.scrollHeight - window.scrollY - window.innerHeight < NEAR_BOTTOM_PX;
  });

  document.addEventListener("htmx:afterSettle", () => {
    const form = document.activeElement.closest("[data-hand-over]");
    if (follows && form) form.scrollIntoView();
    else if (follows) window.scrollTo(0, page.scrollHeight);
    follows = false;
  });
})();
