package command

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/assaychain/assay/x/market/audits"
	"github.com/assaychain/assay/x/market/replicas"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// The words of the policies.
const (
	policyProof   = "proof"
	policyReplica = "replica"
	policyAudit   = "audit"
)

// defaultReplicas is how many operators compute a job under the policy replica unless the customer says.
const defaultReplicas = 3

func (o *runOptions) addPolicyFlags(f *pflag.FlagSet) {
	f.StringVar(&o.policy, "policy", policyProof, "how the result is checked: proof (one worker, which proves drawn entries), replica (several operators compute it by themselves; equal results are accepted, and operators whose results differ prove an entry or are slashed) or audit (one worker; with a chance, another operator that the beacon draws computes it again)")
	f.Uint32Var(&o.auditBps, "audit-bps", 0, "chance of an audit in basis points, up to 10000; with --policy audit (default 2000, a fifth)")
	f.StringSliceVar(&o.noAuditors, "no-audit-by", nil, "operators that may not audit, separated by commas; with --policy audit")
	f.Uint32Var(&o.replicas, "replicas", 0, "operators that compute the job, 2 to 5; with --policy replica (default 3)")
	f.Uint32Var(&o.agreement, "agreement", 0, "equal results that are accepted without samples, 2 to --replicas; with --policy replica (default more than half)")
}

// defaultAuditBps is the chance of an audit under the policy audit unless the customer says.
const defaultAuditBps = 2_000

// completePolicy checks the flags of the policy and fills in what was not given.
func (o *runOptions) completePolicy(cmd *cobra.Command) error {
	if o.policy != policyAudit && (cmd.Flags().Changed("audit-bps") || cmd.Flags().Changed("no-audit-by")) {
		return usagef("--audit-bps and --no-audit-by are of --policy %s", policyAudit)
	}
	switch o.policy {
	case policyAudit:
		return o.completeAudit(cmd)
	case policyProof:
		if cmd.Flags().Changed("replicas") || cmd.Flags().Changed("agreement") {
			return usagef("--replicas and --agreement are of --policy %s", policyReplica)
		}
		return nil
	case policyReplica:
	default:
		return usagef("--policy is %q: it must be %s, %s or %s", o.policy, policyProof, policyReplica, policyAudit)
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
	return o.checkCompared(cmd)
}

// checkCompared refuses what results that are compared, and not proven, don't have.
func (o *runOptions) checkCompared(cmd *cobra.Command) error {
	if o.level != markettypes.ASSURANCE_SAMPLED && o.level != markettypes.ASSURANCE_REVEALED {
		return usagef("--%s is %s: under --policy %s results are compared entry by entry, by sampled or revealed", flagAssurance, o.level.Word(), o.policy)
	}
	if cmd.Flags().Changed(flagCertificate) {
		return usagef("--%s is for --policy %s: what is compared is not proven", flagCertificate, policyProof)
	}
	return nil
}

// completeAudit does the same for the policy audit.
func (o *runOptions) completeAudit(cmd *cobra.Command) error {
	if cmd.Flags().Changed("replicas") || cmd.Flags().Changed("agreement") {
		return usagef("--replicas and --agreement are of --policy %s", policyReplica)
	}
	if !cmd.Flags().Changed("audit-bps") {
		o.auditBps = defaultAuditBps
	}
	if o.auditBps < 1 || o.auditBps > audits.Bps {
		return usagef("--audit-bps is %d: it must be from 1 to %d", o.auditBps, audits.Bps)
	}
	o.audit = &markettypes.AuditTerms{Bps: o.auditBps, Excluded: o.noAuditors}
	return o.checkCompared(cmd)
}
