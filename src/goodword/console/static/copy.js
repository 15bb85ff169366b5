// A button with data-copy copies what it says and tells so for a moment.

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  const label = button.getAttribute("aria-label");
  button.setAttribute("aria-label", "Copied");
  button.classList.add("done");
  setTimeout(() => {
    button.setAttribute("aria-label", label);
    button.classList.remove("done");
  }, 1500);
});
