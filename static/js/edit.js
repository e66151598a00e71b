// A question that was asked, typed anew in its place.
(() => {
  const thread = document.getElementById("thread");
  const template = document.getElementById("edit-question");

  function open(turn) {
    const form = template.content.cloneNode(true).firstElementChild;
    const [box, id] = form.querySelectorAll("[name=question], [name=edit]");
    box.value = turn.querySelector("[data-question]").textContent;
    id.value = turn.id.replace("turn-", "");
    box.id = `edit-${id.value}`;
    form.querySelector("label").htmlFor = box.id;
    turn.querySelector("[data-asked]").after(form);
    htmx.process(form);
    box.focus();
    box.setSelectionRange(box.value.length, box.value.length);
  }

  function close(form) {
    const button = form.parentElement.querySelector("[data-edit]");
    form.remove();
    button.focus();
  }

  thread.addEventListener("click", (event) => {
    const edit = event.target.closest("[data-edit]");
    const cancel = event.target.closest("[data-edit-cancel]");
    if (edit) open(edit.closest("[data-turn]"));
    if (cancel) close(cancel.closest("form"));
  });

  thread.addEventListener("keydown", (event) => {
    const form = event.target.closest("[data-edit-form]");
    if (!form || event.isComposing || event.target.tagName !== "TEXTAREA") return;
    if (event.key === "Escape") close(form);
    else if (event.key === "Enter" && !event.shiftKey) form.requestSubmit();
    else return;
    event.preventDefault();
  });
})();
