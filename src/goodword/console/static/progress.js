// The page of something that runs: asks its twin how far it is, and is loaded again once it has ended.

const place = document.querySelector("[data-progress]");
const bar = place?.querySelector("progress");

async function look() {
  const answer = await fetch(location.pathname, { headers: { accept: "application/json" } });
  if (!answer.ok) return;
  const { running, check } = await answer.json();
  if (!running) location.reload();
  else if (check) bar.value = check.position;
}

if (bar) setInterval(() => document.hidden || look().catch(() => {}), 1000);
