// Lists the files that were chosen or dropped, and says early when there are too many. The form works without it.
const MOST = 100;

for (const form of document.querySelectorAll("[data-chosen-files]")) {
  const input = form.querySelector("input[type=file]");
  input.hasChangeListener = true; // else unfold writes the file's name into the form's first text field
  const list = form.querySelector("[data-chosen-list]");
  input.addEventListener("change", () => {
    const names = [...input.files].map((file) => `${file.name} (${sizeOf(file)})`);
    list.replaceChildren(...names.map((name) => Object.assign(document.createElement("li"), { textContent: name })));
    list.hidden = names.length === 0;
    input.setCustomValidity(names.length > MOST ? `Choose at most ${MOST} files at once.` : "");
    input.reportValidity();
  });
}

function sizeOf(file) {
  const megabytes = file.size / 1024 / 1024;
  return megabytes < 0.1 ? `${Math.ceil(file.size / 1024)} KB` : `${megabytes.toFixed(1)} MB`;
}
