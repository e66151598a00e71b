// The source panel: beside the answer on wide screens, a sheet over it on narrow ones.
(() => {
  const panel = document.querySelector("[data-panel]");
  const wide = matchMedia("(min-width: 70rem)");
  let cameFrom = null;

  function open() {
    if (!panel.open) wide.matches ? panel.show() : panel.showModal();
    panel.scrollTop = 0;
    const passage = panel.querySelector("mark");
    if (passage) passage.closest(".excerpt").scrollTop = Math.max(0, passage.offsetTop - 48);
    panel.querySelector(".panel-close button").focus({ preventScroll: true });
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-cite]");
    if (link) cameFrom = link;
    if (event.target === panel) panel.close(); // the backdrop of the sheet
  });

  panel.addEventListener("htmx:afterSwap", open);
  panel.addEventListener("close", () => {
    if (cameFrom?.isConnected) cameFrom.focus({ preventScroll: true });
    panel.replaceChildren();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && panel.open) panel.close();
  });

  // From wide to narrow (a turned tablet) the panel would cover the answer without a way around it.
  wide.addEventListener("change", () => { if (panel.open) panel.close(); });
})();
