"""Properties that hold for every manifest and every account: random ones are planned and applied on the simulator."""
