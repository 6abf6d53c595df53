package localnet

import (
	"fmt"
	"os"
	"path/filepath"

	cmtcfg "github.com/cometbft/cometbft/config"

	serverconfig "github.com/cosmos/cosmos-sdk/server/config"
)

// nodeConfig is CometBFT's part of the node's configuration: loopback ports and a quick pace.
func nodeConfig(layout Layout, defaults *cmtcfg.Config) *cmtcfg.Config {
	config := defaults
	config.SetRoot(layout.Node())
	config.RPC.ListenAddress = layout.RPC()
	config.RPC.PprofListenAddress = layout.address(pprofPort)
	config.P2P.ListenAddress = "tcp://" + layout.address(p2pPort)
	config.P2P.AddrBookStrict = false
	config.Consensus.TimeoutCommit = blockInterval
	config.Consensus.TimeoutPropose = 2 * blockInterval
	config.Moniker = "local"
	return config
}

// writeConfig writes the node's files: config.toml, app.toml and client.toml.
func writeConfig(layout Layout, m Manifest, chain Chain, config *cmtcfg.Config) error {
	folder := filepath.Join(layout.Node(), "config")
	cmtcfg.WriteConfigFile(filepath.Join(folder, "config.toml"), config)
	node := chain.App
	node.API.Enable, node.API.Address = true, "tcp://"+layout.address(apiPort)
	node.GRPC.Enable, node.GRPC.Address = true, layout.GRPC()
	serverconfig.SetConfigTemplate(serverconfig.DefaultConfigTemplate)
	serverconfig.WriteConfigFile(filepath.Join(folder, "app.toml"), node)
	client := fmt.Sprintf(clientTemplate, m.ChainID, KeyringBackend, layout.RPC())
	return os.WriteFile(filepath.Join(folder, "client.toml"), []byte(client), 0o644)
}

// clientTemplate is client.toml, so that 'assayd --home NODE ...' needs no further flags.
const clientTemplate = `# Defaults of the command line on this network.
chain-id = %q
keyring-backend = %q
keyring-default-keyname = ""
output = "text"
node = %q
broadcast-mode = "sync"
`
