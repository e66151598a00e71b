// Says when the network or the socket is lost, and reconnects where htmx's extension gives up.
(() => {
  const chat = document.querySelector("[data-chat]");
  const banner = chat.querySelector("[data-connection]");
  const HTMX_RECONNECTS = [1006, 1011, 1012, 1013];
  const PATIENCE_MS = 800;
  let timer = 0;
  let isOpen = false;
  let leaving = false;

  // `what` names one of the banner's sentences; "" is all well.
  function show(what) {
    clearTimeout(timer);
    if (chat.dataset.closed) return; // nothing is better than that
    for (const words of banner.children) words.hidden = words.dataset.when !== what;
    banner.hidden = !what;
  }

  // Soon, but not everyone in the same moment.
  htmx.config.wsReconnectDelay = (tries) => Math.min(5000, 500 * 2 ** tries) * (0.5 + Math.random() / 2);

  chat.addEventListener("htmx:wsOpen", () => {
    isOpen = true;
    if (navigator.onLine) show("");
  });

  chat.addEventListener("htmx:wsClose", (event) => {
    const { code } = event.detail.event;
    isOpen = false;
    if (leaving) return;
    if (banner.querySelector(`[data-when="${code}"]`)) {
      show(String(code));
      chat.dataset.closed = code;
      return;
    }
    clearTimeout(timer);
    timer = setTimeout(() => show(navigator.onLine ? "lost" : "offline"), PATIENCE_MS);
    if (!HTMX_RECONNECTS.includes(code)) setTimeout(event.detail.socketWrapper.reconnect, 2000);
  });

  // Nobody will open this socket again: what was typed stays where it is.
  chat.addEventListener("htmx:wsConfigSend", (event) => {
    if (!chat.dataset.closed) return;
    event.preventDefault();
    event.stopPropagation();
  }, true);

  window.addEventListener("offline", () => show("offline"));
  window.addEventListener("online", () => show(isOpen ? "" : "lost"));
  window.addEventListener("pagehide", () => { leaving = true; });
  window.addEventListener("pageshow", (event) => { leaving = false; if (event.persisted) location.reload(); });
})();
