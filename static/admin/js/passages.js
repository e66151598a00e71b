// Brings the chosen passage into sight inside the text's own scrolling box. The page works without it.
function showMark() {
  const box = document.querySelector("[data-passage-text]");
  const mark = document.getElementById("console-mark");
  if (box && mark) box.scrollTop += mark.getBoundingClientRect().top - box.getBoundingClientRect().top - 24;
}

showMark();
document.addEventListener("htmx:afterSettle", showMark);
