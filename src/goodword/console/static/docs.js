// The button of a sample of code copies it, and tells so for a moment.

for (const button of document.querySelectorAll(".sample > .copying")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.nextElementSibling.textContent);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 1500);
  });
}
