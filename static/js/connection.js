// Says when the socket is lost, and reconnects where htmx's extension gives up.
(() => {
  const chat = document.querySelector("[data-chat]");
  const banner = chat.querySelector("[data-connection]");
  const HTMX_RECONNECTS = [1006, 1011, 1012, 1013];
  const FINAL = {
    4401: "You were signed out. Reload the page to sign in again; your draft is kept.",
    4404: "This conversation does not exist any more.",
  };
  const PATIENCE_MS = 800;
  let timer = 0;
  let leaving = false;

  function show(text) {
    clearTimeout(timer);
    banner.textContent = text;
    banner.hidden = !text;
  }

  chat.addEventListener("htmx:wsOpen", () => show(""));

  chat.addEventListener("htmx:wsClose", (event) => {
    const { code } = event.detail.event;
    if (leaving) return;
    if (FINAL[code]) { show(FINAL[code]); return; }
    clearTimeout(timer);
    timer = setTimeout(() => show("Connection lost. Reconnecting…"), PATIENCE_MS);
    if (!HTMX_RECONNECTS.includes(code)) setTimeout(event.detail.socketWrapper.reconnect, 2000);
  });

  window.addEventListener("pagehide", () => { leaving = true; });
  window.addEventListener("pageshow", (event) => { leaving = false; if (event.persisted) location.reload(); });
})();
