package guardrail

// Shorthands of the table.
func within(field, lowest, highest string) Rule {
	return Rule{Field: field, Min: lowest, Max: highest}
}

func stepping(field, lowest, highest, step string) Rule {
	return Rule{Field: field, Min: lowest, Max: highest, Step: step}
}

func free(field string) Rule { return Rule{Field: field, Treatment: Free} }

func frozen(field string) Rule { return Rule{Field: field, Treatment: Frozen} }

// Default is the table of this network. Numbers of this project's modules that it doesn't name are bounded by their module's
// own check and change by half in one proposal; everything else is named here. A test walks the parameters of every module.
func Default() Table {
	return append(own(), foreign()...)
}

// own holds the rules for this project's modules.
func own() Table {
	return Table{
		{Message: "assay.beacon.v1.MsgUpdateParams", Rules: []Rule{
			// Another beacon is another key, period, start and scheme together.
			free("chain"),
			{Field: "chain.period", Treatment: Free, Min: "1", Max: "86400"},
			{Field: "chain.genesis_time", Treatment: Free, Min: "0", Max: "253402300799"},
		}},
		{Message: "assay.bond.v1.MsgUpdateParams", Rules: []Rule{frozen("denom"), within("min_amount", "1", "1000000000000")}},
		{Message: "assay.dao.v1.MsgUpdateParams", Rules: []Rule{
			within("time_lock", "24h", "720h"),
			// Above gov's quorum whatever is voted: see the bounds of that.
			within("emergency_quorum_bps", "4100", "9000"),
			within("max_scheduled", "10", "1000"),
			within("max_executed_per_block", "1", "16"),
			within("max_grants", "10", "10000"),
		}},
		// Phases may change, not their number.
		{Message: "assay.emission.v1.MsgUpdateParams", Rules: []Rule{frozen("denom"), frozen("epoch_identifier"), frozen("schedule.phases")}},
		{Message: "assay.escrow.v1.MsgUpdateParams", Rules: []Rule{within("allowed_denoms", "1", "64"), within("min_deposit", "1", "1000000000000")}},
		{Message: "assay.market.v1.MsgUpdateParams", Rules: []Rule{
			frozen("denom"), frozen("lease.tier_bps"), frozen("lease.hour_bps"), frozen("lease.reference_memory_mib"),
			// With a single dispute a worker could use it up itself, for the bond of it alone.
			within("max_disputes", "2", "16"), within("answer_seconds", "60", "86400"), within("reveal_seconds", "60", "86400"),
			// Below it a false result would pay in spite of audits; the other one multiplies it, up to 99 times.
			within("audit_exposure_bps", "50000", "1000000"), within("audit_min_bps", "100", "10000"),
			// Small numbers, of which a half is nothing; one relay alone could side with the worker.
			within("relays_per_claim", "2", "16"), within("relay_threshold", "2", "16"),
			// One for each tier, as the enumeration has them.
			frozen("job_tier_bps"), frozen("job_sla_bps"), frozen("job_late_bps"),
			// One for each hour, and one for each class.
			frozen("job_hour_bps"), frozen("job_reference_gops"),
			within("max_runners_up", "2", "8"), within("max_eligible", "2", "64"), within("max_patient_per_block", "4", "256"),
		}},
		{Message: "assay.penalty.v1.MsgUpdateParams", Rules: []Rule{frozen("rules"), frozen("rules.offence")}},
		{Message: "assay.proofs.v1.MsgUpdateParams", Rules: []Rule{
			frozen("allow_development_keys"),
			// A switch: turning it off must be possible at once.
			{Field: "full_enabled", Treatment: Free},
		}},
		{Message: "assay.registry.v1.MsgUpdateParams", Rules: []Rule{
			frozen("classes"), frozen("classes.class"),
			// A power of two.
			{Field: "classes.check_size", Treatment: Free, Min: "64", Max: "16384"},
			// 0 turns spot checks off, which must be possible at once when they harm.
			{Field: "spot.draws", Treatment: Free, Min: "0", Max: "64"},
			// A search must get out of its home, and a report must meet several others.
			within("location.max_cells", "4", "648"), within("location.max_round_trips", "4", "64"),
			// A pool of one is an operator.
			within("max_pool_operators", "2", "256"),
			// Below a day a device is what its last job was; hardware is damaged, or never used, outside the others.
			within("quality.half_life_seconds", "86400", "7776000"),
			within("telemetry.warm_celsius", "50", "110"), within("telemetry.hot_celsius", "55", "115"),
			within("telemetry.withdrawn_celsius", "60", "120"), within("telemetry.band_celsius", "1", "20"),
		}},
	}
}

// foreign holds the rules for the SDK's modules, whose own checks refuse only what can't work.
func foreign() Table {
	return Table{
		{Message: "cosmos.auth.v1beta1.MsgUpdateParams", Rules: []Rule{
			within("max_memo_characters", "64", "4096"),
			within("tx_sig_limit", "1", "32"),
			within("tx_size_cost_per_byte", "1", "1000"),
			within("sig_verify_cost_ed25519", "100", "100000"),
			within("sig_verify_cost_secp256k1", "100", "100000"),
			within("sig_verify_cost_mldsa65", "100", "1000000"),
		}},
		{Message: "cosmos.bank.v1beta1.MsgUpdateParams", Rules: []Rule{
			frozen("send_enabled"), frozen("send_enabled.denom"), frozen("send_enabled.enabled"),
			free("default_send_enabled"),
		}},
		{Message: "cosmos.consensus.v1.MsgUpdateParams", Rules: []Rule{
			// Whoever is named here may change every module's parameters without a vote.
			frozen("authority"), frozen("auth.authority"),
			within("block.max_bytes", "262144", "22020096"),
			// -1 is no limit, from where a limit must be within reach.
			stepping("block.max_gas", "-1", "1000000000000", "100000000"),
			within("evidence.max_age_num_blocks", "1000", "100000000"),
			within("evidence.max_age_duration", "24h", "1440h"),
			within("evidence.max_bytes", "1024", "10485760"),
			frozen("validator.pub_key_types"),
			frozen("abci.vote_extensions_enable_height"),
		}},
		{Message: "cosmos.distribution.v1beta1.MsgUpdateParams", Rules: []Rule{
			within("community_tax", "0", "0.2"),
			frozen("base_proposer_reward"), frozen("bonus_proposer_reward"),
			free("withdraw_addr_enabled"),
		}},
		{Message: "cosmos.gov.v1.MsgUpdateParams", Rules: governance()},
		{Message: "cosmos.slashing.v1beta1.MsgUpdateParams", Rules: []Rule{
			within("signed_blocks_window", "100", "1000000"),
			within("min_signed_per_window", "0.05", "0.95"),
			within("downtime_jail_duration", "1m", "168h"),
			within("slash_fraction_double_sign", "0.01", "0.5"),
			stepping("slash_fraction_downtime", "0", "0.05", "0.001"),
		}},
		{Message: "cosmos.staking.v1beta1.MsgUpdateParams", Rules: []Rule{
			within("unbonding_time", "168h", "1440h"),
			within("max_validators", "4", "500"),
			within("max_entries", "1", "32"),
			within("historical_entries", "100", "100000"),
			frozen("bond_denom"),
			within("min_commission_rate", "0", "0.2"),
			frozen("key_rotation_fee.denom"),
			stepping("key_rotation_fee.amount", "0", "1000000000000", "1000000"),
		}},
	}
}

// governance holds the rules for the vote itself.
func governance() []Rule {
	return []Rule{
		frozen("min_deposit"), frozen("min_deposit.denom"), within("min_deposit.amount", "1000000", "1000000000000"),
		frozen("expedited_min_deposit"), frozen("expedited_min_deposit.denom"),
		within("expedited_min_deposit.amount", "1000000", "1000000000000"),
		within("max_deposit_period", "1h", "720h"),
		within("voting_period", "24h", "720h"),
		within("expedited_voting_period", "6h", "168h"),
		// Below the quorum of emergencies whatever is voted.
		within("quorum", "0.2", "0.4"),
		within("threshold", "0.5", "0.67"),
		within("expedited_threshold", "0.6", "0.9"),
		within("veto_threshold", "0.25", "0.5"),
		stepping("min_initial_deposit_ratio", "0", "1", "0.05"),
		within("min_deposit_ratio", "0", "0.5"),
		within("proposal_cancel_ratio", "0", "1"),
		frozen("proposal_cancel_dest"),
		free("burn_vote_quorum"), free("burn_proposal_deposit_prevote"), free("burn_vote_veto"),
	}
}
