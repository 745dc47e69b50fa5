"use strict";
(function () {
  // The page is whole without this: figures on pointing, a day in the address, copying a query, tables in print.
  var tip = document.getElementById("tip");
  function show(event) {
    var mark = event.target.closest ? event.target.closest("[data-tip]") : null;
    tip.hidden = !mark;
    if (!mark) return;
    tip.textContent = mark.getAttribute("data-tip");
    var x = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8);
    var y = event.clientY + 18 + tip.offsetHeight > innerHeight ? event.clientY - tip.offsetHeight - 10 : event.clientY + 18;
    tip.style.left = Math.max(8, x) + "px";
    tip.style.top = y + "px";
  }
  document.addEventListener("pointermove", show);
  document.addEventListener("pointerdown", show);
  document.addEventListener("scroll", function () { tip.hidden = true; }, { passive: true });

  function day() {
    var wanted = /^#day=(\d{4}-\d\d-\d\d)$/.exec(location.hash);
    var radio = wanted && document.getElementById("day-" + wanted[1]);
    if (radio) radio.checked = true;
  }
  addEventListener("hashchange", day);
  day();
  document.querySelectorAll("input[name=day]").forEach(function (radio) {
    radio.addEventListener("change", function () { history.replaceState(null, "", "#day=" + radio.value); });
  });

  function open() {
    var target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    var box = target && target.closest("details");
    if (box) { box.open = true; target.scrollIntoView(); }
  }
  addEventListener("hashchange", open);
  open();

  document.querySelectorAll("pre").forEach(function (pre) {
    var button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.addEventListener("click", function () {
      var done = function () { button.textContent = "Copied"; };
      var pick = function () { getSelection().selectAllChildren(pre); };
      if (navigator.clipboard) navigator.clipboard.writeText(pre.innerText).then(done, pick); else pick();
    });
    pre.after(button);
  });
})();
