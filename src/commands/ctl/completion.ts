// SPDX-License-Identifier: Apache-2.0

import { CtlCommand, CtlGroup } from "../../cli/ctl-command.ts";

export default class Completion extends CtlCommand {
  static override readonly words = ["completion"];
  static readonly group = CtlGroup.utility;
  static override readonly summary = "Prints a script that completes command lines in a shell";
  static readonly description = `Prints a script that completes command lines in a shell.

For the shell that is running:

    bash         source <(etcdctl completion bash)
    zsh          source <(etcdctl completion zsh)
    fish         etcdctl completion fish | source
    powershell   etcdctl completion powershell | Out-String | Invoke-Expression

For every new one, store the script where the shell looks for it:

    bash         /etc/bash_completion.d/etcdctl
    zsh          _etcdctl in a folder of $fpath, with compinit switched on
    fish         ~/.config/fish/completions/etcdctl.fish
    powershell   a file that your profile runs`;
  static override readonly synopsis = "completion [bash|zsh|fish|powershell]";
  static override readonly args = {
    shell: { name: "shell", required: true, description: "bash, zsh, fish or powershell" },
  };
  static readonly choices = ["bash", "zsh", "fish", "powershell"];
  static override readonly load = async () =>
    (await import("../../cli/ctl/completion.ts")).completion;
}
