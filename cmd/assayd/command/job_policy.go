package command

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/assaychain/assay/x/market/replicas"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// The words of the policies.
const (
	policyProof   = "proof"
	policyReplica = "replica"
)

// defaultReplicas is how many operators compute a job under the policy replica unless the customer says.
const defaultReplicas = 3

func (o *runOptions) addPolicyFlags(f *pflag.FlagSet) {
	f.StringVar(&o.policy, "policy", policyProof, "how the result is checked: proof (one worker, which proves drawn entries) or replica (several operators compute it by themselves; equal results are accepted, and operators whose results differ prove an entry or are slashed)")
	f.Uint32Var(&o.replicas, "replicas", 0, "operators that compute the job, 2 to 5; with --policy replica (default 3)")
	f.Uint32Var(&o.agreement, "agreement", 0, "equal results that are accepted without samples, 2 to --replicas; with --policy replica (default more than half)")
}

// completePolicy checks the flags of the policy and fills in what was not given.
func (o *runOptions) completePolicy(cmd *cobra.Command) error {
	switch o.policy {
	case policyProof:
		if cmd.Flags().Changed("replicas") || cmd.Flags().Changed("agreement") {
			return usagef("--replicas and --agreement are of --policy %s", policyReplica)
		}
		return nil
	case policyReplica:
	default:
		return usagef("--policy is %q: it must be %s or %s", o.policy, policyProof, policyReplica)
	}
	if !cmd.Flags().Changed("replicas") {
		o.replicas = defaultReplicas
	}
	if o.replicas < replicas.Min || o.replicas > replicas.Max {
		return usagef("--replicas is %d: it must be from %d to %d", o.replicas, replicas.Min, replicas.Max)
	}
	if !cmd.Flags().Changed("agreement") {
		o.agreement = max(replicas.MinAgreement, o.replicas/2+1)
	}
	if o.agreement < replicas.MinAgreement || o.agreement > o.replicas {
		return usagef("--agreement is %d: it must be from %d to --replicas, %d", o.agreement, replicas.MinAgreement, o.replicas)
	}
	if o.level != markettypes.ASSURANCE_SAMPLED && o.level != markettypes.ASSURANCE_REVEALED {
		return usagef("--%s is %s: under --policy %s results are compared entry by entry, by sampled or revealed", flagAssurance, o.level.Word(), policyReplica)
	}
	if cmd.Flags().Changed(flagCertificate) {
		return usagef("--%s is for --policy %s: what several operators agree on is not proven", flagCertificate, policyProof)
	}
	return nil
}
