import "@fontsource-variable/inter/wght.css";
import "@fontsource-variable/jetbrains-mono/wght.css";
import "./styles/tokens.css";
import "./styles/base.css";
import { mount } from "svelte";
import Shell from "./shell/Shell.svelte";

const target = document.getElementById("app");
if (!target) throw new Error("index.html has lost its #app");
mount(Shell, { target });
