"""Operations by themselves: what no command is needed for."""
