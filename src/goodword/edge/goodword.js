// goodword.js keeps who brought a visitor, the gw_click or gw_code of the landing page's address, on the company's own site: in one
// first-party cookie, from when a link brought somebody until the window is over, and not before a consent that is waited for. It puts
// it into forms that go to this site and into what analytics clients are told. docs/howto/clients.md says how; less than 2 kB are served,
// without comments and indents.
(() => {
  const w = window, d = document, set = d.currentScript?.dataset || w.goodword || {};
  // Nothing else is believed, whoever wrote it there.
  const said = (from) => ["gw_click", "gw_code"].map((name) => [name, from.get(name)]).filter(([, one]) => one && one.length < 65);
  const came = said(new URLSearchParams(location.search))[0];
  // The form of the cookie is that of docs/links.md, so that a server may read it, or set it.
  const kept = (/(?:^|; )gw=([^;]*)/.exec(d.cookie) || [])[1];
  let may = set.consent !== "wait";
  let brought = Object.fromEntries(came ? [came] : said(new URLSearchParams(kept)));
  const text = () => new URLSearchParams(brought).toString();
  const write = (age) =>
    (d.cookie = `gw=${text()};path=/;max-age=${age};samesite=lax;secure` + (set.domain ? ";domain=" + set.domain : ""));
  // Who reloads the page that they came to has no longer than who does not.
  const keep = () => may && came && text() && text() !== kept && write((set.days || 30) * 86400);
  keep();

  // Fields come when a form is sent, into those that are posted to this site, and into those that ask for it.
  addEventListener("submit", ({ target: form }) => {
    form.querySelectorAll("[data-gw]").forEach((field) => field.remove());
    const takes = form.dataset.goodword ?? /post/i.test(form.getAttribute("method"));
    const to = new URL(form.getAttribute("action") || "", location).origin;
    if (takes === false || takes === "off" || (takes === true && to !== location.origin)) return;
    for (const name in brought) {
      let field = form.querySelector(`[name=${name}]`);
      if (!field) {
        field = form.appendChild(d.createElement("input"));
        Object.assign(field, { type: "hidden", name }).dataset.gw = "";
      }
      field.value = brought[name];
    }
  }, true);

  // As context, in the call's options: neither a property that dashboards count, nor a trait, which clients keep on the device without an end.
  const watch = (client) => {
    if (!client || client.goodword) return;
    client.goodword = 1;
    for (const call of ["track", "identify"]) {
      const was = client[call];
      client[call] = function (...said) {
        if (!text()) return was.apply(this, said);
        const told = said.filter((one) => !one?.call);
        const at = call === "track" || !(told[0] instanceof Object) ? 2 : 1;
        while (told.length < at) told.push({});
        told[at] = { ...told[at], context: { ...brought, ...told[at]?.context } };
        return was.call(this, ...told, ...said.filter((one) => one?.call));
      };
    }
    client.ready?.(look);
  };
  // What stands there is first a stub, and replaced by the client when that has come.
  const look = () => [w.analytics, w.rudderanalytics].forEach(watch);
  look();
  addEventListener("load", look);

  w.goodword = {
    watch,
    // As an event names it: {click_id}, {link_code} or nothing.
    referral: () => ({ click_id: brought.gw_click, link_code: brought.gw_code }),
    // Said by the banner that asks: yes keeps, no forgets.
    consent: (yes) => {
      may = yes;
      if (!yes) {
        brought = {};
        write(0);
      }
      keep();
    },
  };
})();
