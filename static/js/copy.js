// Copies an answer with its sources, or a block of code, and says so on the button.
(() => {
  const announcer = document.getElementById("announcer");
  const SAID_MS = 2000;

  // Without https there is no clipboard to write to; a selection is copied everywhere.
  async function put(text) {
    if (navigator.clipboard) { await navigator.clipboard.writeText(text); return; }
    const box = document.createElement("textarea");
    box.value = text;
    document.body.append(box);
    box.select();
    document.execCommand("copy");
    box.remove();
  }

  async function textOf(button) {
    if (!button.dataset.copy) return button.closest("figure").querySelector("code").textContent;
    const answer = await fetch(button.dataset.copy);
    if (!answer.ok) throw new Error(answer.statusText);
    return answer.text();
  }

  async function copy(button) {
    const { copied, failed } = document.getElementById("thread").dataset;
    let said = copied;
    try { await put(await textOf(button)); } catch { said = failed; }
    button.focus({ preventScroll: true });
    button.dataset.said = said;
    announcer.textContent = said;
    setTimeout(() => { delete button.dataset.said; }, SAID_MS);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button);
  });
})();
