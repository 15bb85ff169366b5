// The phone's own share sheet, where there is one: without it the button stays hidden. What was edited is shared, with what is added.

const button = document.querySelector("button[data-sheet]");
if (button && navigator.share) {
  const form = button.form;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const { title, added, link } = button.dataset;
    const text = [form.elements.said.value.trim(), added].filter(Boolean).join(" ");
    try {
      await navigator.share({ title, text, url: link });
    } catch {
      return; // it was closed: nothing was shared
    }
    const body = new URLSearchParams(new FormData(form));
    await fetch(button.formAction, { method: "POST", body, keepalive: true });
  });
}
