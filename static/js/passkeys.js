/* Says on the page what allauth's scripts would only write to the console: that no passkey was used, because its
   owner stopped, the device has none for this site, or the browser knows of none. */

const problem = document.querySelector("[data-passkey-problem]");

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  problem.hidden = false;
});
document.addEventListener("click", () => {
  problem.hidden = true;
});
